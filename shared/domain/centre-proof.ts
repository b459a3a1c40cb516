/** What a centre signs to show which one it is: the seat's own challenge, so that nothing recorded elsewhere will do. */
export const centreProofText = (challenge: string): string => `zuoxi centre 1\0${challenge}`
