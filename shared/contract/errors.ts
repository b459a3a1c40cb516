/** The codes with which the core refuses. The sentence is for the operator; the code is for programs and tests. */
import { z } from 'zod'

const refusal = (message: string) => ({ message })

export const seatErrors = {
  STORAGE_LOCKED: refusal('本机数据尚未解锁，请先输入口令'),
  STORAGE_FAILED: refusal('本机数据库无法打开'),
  DISK_FULL: refusal('磁盘空间不足，内容仍保留在页面上；请清理磁盘后重试'),
  STORAGE_READ_ONLY: refusal('数据文件是只读的，内容仍保留在页面上；请联系管理员'),
  PASSPHRASE_WRONG: refusal('口令不正确'),
  PASSPHRASE_WEAK: refusal('口令至少 12 个字符'),
  NOT_SIGNED_IN: refusal('请先选择坐席人员'),
  OPERATOR_NOT_FOUND: refusal('没有这名坐席人员'),
  OPERATOR_EXISTS: refusal('工号已存在'),
  CALL_NOT_FOUND: refusal('没有这条通话记录'),
  DRAFT_NOT_FOUND: refusal('草稿不存在，可能已提交或已放弃'),
  CASE_NOT_FOUND: refusal('没有这张工单'),
  CASE_INCOMPLETE: {
    message: '还缺少必填内容',
    data: z.object({ missing: z.array(z.enum(['contactNumber', 'content', 'disposition'])) }),
  },
  SETTING_FIXED_BY_POLICY: {
    message: '该设置由管理员的策略文件规定，不能在此修改',
    data: z.object({ fields: z.array(z.string()) }),
  },
  TRAINING_UNAVAILABLE: refusal('培训话务台没有运行'),
  CATALOGUE_UNKNOWN_CODE: { message: '分类或区划代码不在当前目录中', data: z.object({ code: z.string() }) },
} as const
