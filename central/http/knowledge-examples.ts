/** Examples of the knowledge operations in the published interface. Invented people. */
const open = {
  correctionId: '0199f3a2-7c1e-7a44-9d0e-5f1c2b3a4d5f',
  articleId: 'manhole-cover',
  articleVersion: 3,
  title: '窨井盖缺失如何处理',
  owner: '城管局',
  remark: '值班电话已换',
  operatorName: '林晓岚',
  branch: '云澜中心',
  at: '2026-11-24T02:30:00.000Z',
  state: 'open',
  answer: '',
  decidedBy: null,
  decidedAt: null,
}

export const knowledgeExamples: Record<string, { request?: unknown; response?: unknown }> = {
  'knowledge.corrections': { response: { corrections: [open] } },
  'knowledge.decide': {
    request: { accepted: true, answer: '第 4 版已改' },
    response: {
      ...open,
      state: 'accepted',
      answer: '第 4 版已改',
      decidedBy: '周敏',
      decidedAt: '2026-11-24T03:00:00.000Z',
    },
  },
}
