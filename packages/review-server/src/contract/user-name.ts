/** Names of users: 1 to 100 letters, digits, spaces or . _ @ + - that begin with a letter or digit. */
export const userNamePattern = /^[\p{L}\p{N}][\p{L}\p{N}._@+ -]{0,99}$/u;
