/** The package that the guide installs is not on npm. Its guides' shape, for the compiler, is that of our client. */
declare module '@cheqpoint/sdk' {
  export * from 'holdpoint/cheqpoint';
}
