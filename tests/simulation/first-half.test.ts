import { half } from './half.ts'

half(12_345)
