/** What a database error means for the operator, and what can be done about it. */
import type { StorageFailureCode } from '../../../shared/contract/seat.ts'

export class StorageFailure extends Error {
  readonly code: StorageFailureCode
  readonly file: string
  constructor(code: StorageFailureCode, file: string, cause?: unknown) {
    super(code, { cause })
    this.name = 'StorageFailure'
    this.code = code
    this.file = file
  }
}

const told: Record<StorageFailureCode, { sentence: string; advice: string }> = {
  WRONG_KEY: {
    sentence: '密钥与这个数据库不匹配，数据没有被改动。',
    advice: '请确认数据文件夹中的密钥文件与数据库来自同一台坐席；先复制数据文件留存，再联系管理员。',
  },
  CORRUPT: {
    sentence: '本机数据库已损坏或不完整，程序没有改动它。',
    advice: '请先复制数据文件留存，再由管理员用同文件夹 backups 中的备份恢复。',
  },
  NEWER: {
    sentence: '这个数据库由更新版本的程序写入，当前版本不能打开，数据没有被改动。',
    advice: '请安装最新版本的坐席台后再打开。',
  },
  READ_ONLY: {
    sentence: '数据文件或文件夹是只读的，无法保存。',
    advice: '请管理员恢复当前用户对数据文件夹的写权限，然后点“重试”。',
  },
  DISK_FULL: {
    sentence: '磁盘空间不足，无法打开数据库；已有数据没有被改动。',
    advice: '请清理磁盘空间，然后点“重试”。',
  },
  KEY_UNAVAILABLE: {
    sentence: '找不到或无法解开数据库密钥，数据没有被改动。',
    advice: '请确认系统钥匙串可用、密钥文件未被移走；不要删除数据库。先复制数据文件留存，再联系管理员。',
  },
  FOREIGN: {
    sentence: '数据文件夹或其中的文件属于本机的另一个用户，程序没有打开它。',
    advice: '请管理员检查这个文件的来历，移走它或改为当前用户所有，然后点“重试”。',
  },
  IN_USE: {
    sentence: '另一个坐席台正在使用这份数据。',
    advice: '请切换到已打开的坐席台；如果它没有响应，请结束它后点“重试”。',
  },
  UNKNOWN: {
    sentence: '本机数据库无法打开，数据没有被改动。',
    advice: '请复制数据文件留存并联系管理员，提供日志中的错误代码。',
  },
}

export const explain = (code: StorageFailureCode): { sentence: string; advice: string } => told[code]

/** SQLite's own code of an error, e.g. `SQLITE_FULL`, or an errno such as `ENOSPC`; null when it has neither. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** The failure behind an error of opening or migrating. `keyIsRight`: the key is known to be this database's. */
export function classify(error: unknown, file: string, keyIsRight: boolean): StorageFailure {
  if (error instanceof StorageFailure) return error
  const code = errorCode(error) ?? ''
  const which = (): StorageFailureCode => {
    if (code === 'SQLITE_NOTADB') return keyIsRight ? 'CORRUPT' : 'WRONG_KEY'
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_IOERR_SHORT_READ') return 'CORRUPT'
    if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'DISK_FULL'
    if (code.startsWith('SQLITE_READONLY') || ['EROFS', 'EACCES', 'EPERM', 'SQLITE_PERM'].includes(code))
      return 'READ_ONLY'
    if (code === 'SQLITE_CANTOPEN') return 'READ_ONLY'
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'IN_USE'
    return 'UNKNOWN'
  }
  return new StorageFailure(which(), file, error)
}
