/** Whose callbacks one works on: those of one's own branch, and those that belong to none. Others look as if they did not exist. */
import { type CaseReader, worksFor } from '../../shared/domain/permission.ts'

type By = Pick<CaseReader, 'branch' | 'allBranches'>

export const isInReach = (by: By, { branch }: { branch: string | null }): boolean =>
  branch === null || worksFor(by, branch)

/** The branch to which what is counted is limited; null: none. */
export const reachOf = (by: By): string | null => (by.allBranches === true ? null : by.branch)
