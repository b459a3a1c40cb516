/** What of the signed-in person's proof (actor-keys.ts) a session that is resumed needs. */

/** The secret with which this person's commands are proved, while they are signed in here. */
export type ActorSecret = { operatorId: string; sessionId: string; secret: string; until: string }

export type HeldSecret = {
  held(): ActorSecret | null
  hold(secret: ActorSecret): void
  drop(): void
}
