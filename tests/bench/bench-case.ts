/** Cases as operators write them: about 1.8 KB of JSON each, no two alike. */
import { type CaseFields, emptyCaseFields } from '../../shared/domain/case.ts'

const phrases = [
  '市民来电反映小区门口的路灯连续三天不亮',
  '夜间出行存在安全隐患',
  '希望相关部门尽快安排人员到现场查看并修复',
  '此前已向物业公司反映两次均未得到答复',
  '楼上住户装修噪声持续到晚上十点以后',
  '影响老人和孩子休息',
  '咨询灵活就业人员社会保险补缴的办理地点和所需材料',
  '自来水管道破裂造成路面积水约二十米',
  '周边多家商户门前无法通行',
  '电梯自上周五起停运至今仍未维修',
  '十二层以上住户上下楼十分困难',
  '要求明确维修完成时间并电话告知',
  '学校放学时段车辆违停造成交通拥堵',
  '建议增设临时停车位并安排人员疏导',
  '医保异地就医备案后仍然无法直接结算',
  '医院窗口告知需要先自费再回参保地报销',
  '垃圾清运不及时散发异味',
  '附近工地凌晨仍在进行混凝土浇筑',
  '公交线路调整后等候时间超过四十分钟',
  '对前次工单的处理结果表示不认可',
  '请按照有关规定予以核实处理',
  '来电人情绪较为激动已做好安抚解释工作',
  '房屋产权证办理进度多次查询均显示审核中',
  '养老金资格认证小程序提示人脸识别失败',
  '供热温度不足十六度已持续一周',
  '电动自行车在楼道内充电存在火灾风险',
  '下水道井盖缺失已有行人受伤',
  '企业开户所需的变更登记材料清单不明确',
]
const places = ['河东路', '云澜大道', '南湖街', '青石巷', '滨江西路', '文昌路', '新桥路', '东岭街']
const at = <T>(list: readonly T[], place: number): T => list[place % list.length] as T

export function caseFieldsOf(seed: number): CaseFields {
  const spread = Math.imul(seed + 1, 2_654_435_761) >>> 0
  const sentences = Array.from({ length: 10 + (spread % 9) }, (_, place) =>
    at(phrases, spread + place * (5 + (seed % 11)) + ((place * seed) % 7)),
  )
  const house = `${at(places, spread)}${1 + (spread % 399)}号${1 + (seed % 30)}栋${101 + (spread % 1_200)}室`
  return {
    ...emptyCaseFields,
    callerName: `${at(['王', '李', '张', '何', '沈', '周'], spread)}${seed % 2 === 0 ? '女士' : '先生'}`,
    callingNumber: `1990${String(seed % 10_000_000).padStart(7, '0')}`,
    contactNumber: `1990${String(seed % 10_000_000).padStart(7, '0')}`,
    title: `${at(places, spread)}${at(phrases, spread)}`,
    content: `${house}，${sentences.join('，')}。`,
    kind: 'help',
    place: house,
    disposition: 'accept',
    remarks: at(phrases, spread + 3),
  }
}
