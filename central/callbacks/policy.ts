/** The callback policy in force. */
import {
  type CallbackPolicy,
  callbackPolicy,
  callbackPolicyName,
  sampleCallbackPolicy,
} from '../../shared/domain/callback-policy.ts'
import type { CentralContext } from '../context.ts'
import { createInForce, type InForce } from '../publications/in-force.ts'

export type PolicyInForce = InForce<CallbackPolicy>

export const createPolicyInForce = (context: CentralContext): PolicyInForce =>
  createInForce(context, callbackPolicyName, callbackPolicy, sampleCallbackPolicy)
