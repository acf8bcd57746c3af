/** The guide's package is not on npm. For the compiler it has the types of our client. */
declare module '@cheqpoint/sdk' {
  export * from 'holdpoint/cheqpoint';
}
