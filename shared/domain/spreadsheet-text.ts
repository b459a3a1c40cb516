/** Text that may stand in a cell of a spreadsheet. */

/** XML has no such characters, not even escaped: one of them makes a whole workbook unreadable. Of a halved pair nothing is left. */
const notInXml =
  // oxlint-disable-next-line no-control-regex -- control characters are what is being removed
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

export const cellText = (text: string): string => text.replace(notInXml, '')

/** For a workbook: what looks like one of its escapes (`_x0041_`) would be read as the character. */
export const workbookText = (text: string): string =>
  cellText(text).replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
