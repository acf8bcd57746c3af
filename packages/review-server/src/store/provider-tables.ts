/** A person of the identity provider: one user each. A user may have several. */
export type ProviderIdentitiesTable = {
  issuer: string;
  subject: string;
  user_id: string;
  created_at: string;
  /** Set when an administrator removed the user. */
  removed_at: string | null;
};

/** Logout tokens work once. */
export type UsedLogoutTokensTable = {
  /** SHA-256 of issuer and `jti`. */
  token_id_hash: string;
  forgotten_at: string;
};
