/** Colours and sizes: ink on paper, one blue for what can be done, red and amber only for what needs a person. */
import type { ThemeConfig } from 'antd'

const fonts =
  '"PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", system-ui, sans-serif'

export const theme = (textSize: 'normal' | 'large'): ThemeConfig => ({
  zeroRuntime: true,
  hashed: false,
  cssVar: { key: 'zuoxi' },
  token: {
    fontFamily: fonts,
    fontSize: textSize === 'large' ? 16 : 14,
    colorPrimary: '#1f5fa8',
    colorSuccess: '#2b7a4b',
    colorWarning: '#a86a12',
    colorError: '#b3372f',
    colorInfo: '#1f5fa8',
    // What the library derives from colours as dark as these is grey.
    colorSuccessBg: '#e7f3ec',
    colorSuccessBorder: '#a8d0b7',
    colorWarningBg: '#fcf1de',
    colorWarningBorder: '#e3c08a',
    colorErrorBg: '#fbebe9',
    colorErrorBorder: '#e2aba6',
    colorInfoBg: '#e8f0fa',
    colorInfoBorder: '#a9c5e6',
    colorText: '#1c2530',
    colorTextSecondary: '#596573',
    colorBgLayout: '#eef1f4',
    borderRadius: 4,
    controlHeight: textSize === 'large' ? 36 : 32,
    motion: false,
    wireframe: false,
  },
})
