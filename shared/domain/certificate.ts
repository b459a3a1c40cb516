/** Why an exchange's address cannot be used, in words for the operator. Shared by the core, which finds out, and the page. */
import { z } from 'zod'

export const lineFault = z.enum([
  'address-unknown',
  'refused',
  'silent',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-untrusted',
  'certificate-wrong-name',
  'certificate-bad',
])
export type LineFault = z.infer<typeof lineFault>

/** By the codes of Node's TLS and sockets; null for one that says nothing to an operator. */
export function lineFaultOf(code: string): LineFault | null {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
      return 'address-unknown'
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return 'refused'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'silent'
    case 'CERT_HAS_EXPIRED':
      return 'certificate-expired'
    case 'CERT_NOT_YET_VALID':
      return 'certificate-not-yet-valid'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'certificate-wrong-name'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED':
      return 'certificate-untrusted'
    default:
      return code.startsWith('CERT_') || code.includes('SSL') || code.includes('TLS')
        ? 'certificate-bad'
        : null
  }
}

export const lineFaultSentence: Record<LineFault, string> = {
  'address-unknown': '找不到话务台的地址，请检查网络或设置',
  refused: '话务台没有接受连接，可能正在重启',
  silent: '话务台没有应答，请检查网络',
  'certificate-expired': '话务台的安全证书已过期，为保护通话没有连接；请通知管理员更换证书',
  'certificate-not-yet-valid': '话务台的安全证书尚未生效，为保护通话没有连接；请检查本机日期或通知管理员',
  'certificate-untrusted': '话务台的安全证书不受信任，为保护通话没有连接；请管理员安装本市的根证书',
  'certificate-wrong-name': '话务台的安全证书属于另一个地址，为保护通话没有连接；请通知管理员',
  'certificate-bad': '与话务台的加密连接无法建立，请通知管理员',
}
