/** Invented people for a demonstration. */
export const demoOperators = [
  { workNumber: '1001', name: '林晓岚', branch: '云澜中心' },
  { workNumber: '1002', name: '周伯安', branch: '云澜中心' },
  { workNumber: '2001', name: '沈知夏', branch: '河东分中心' },
] as const
