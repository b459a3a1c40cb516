/** The code (查询码) with which a caller can look up how far the case is. The centre makes it; NULL: it has not come, or there is none. */
export const id = 66
export const sql = `
ALTER TABLE cases ADD COLUMN progress_code TEXT;
`
