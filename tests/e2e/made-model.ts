/** A model of the form's drafts, trained on made-up cases, as a centre would publish it. */
import { encodeModel } from '../../shared/domain/assist/model-file.ts'
import { trainTextModel } from '../../shared/domain/assist/train-model.ts'
import { seededRandom } from '../../shared/domain/seeded-random.ts'
import { madeCases } from '../domain/assist/made-cases.ts'

/** The made-up matters under codes of the sample catalogue. */
const codes: Record<string, string> = {
  道路设施: '010103',
  社会保险: '040201',
  噪声污染: '010201',
  学校教育: '060101',
}

export function trainedModel() {
  const examples = madeCases(200, seededRandom(1)).map(one => ({
    ...one,
    answers: { ...one.answers, category: codes[one.answers['category'] ?? ''] ?? '' },
  }))
  const { model, quality } = trainTextModel(examples, seededRandom(2), () => {})
  return { model: Buffer.from(encodeModel(model)).toString('base64'), quality }
}
