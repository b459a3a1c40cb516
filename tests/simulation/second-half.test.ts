import { half } from './half.ts'

half(23_456)
