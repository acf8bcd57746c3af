/** The secrets that a stack's processes share: HOLDPOINT_SECRET, and the Connection Key of its one assistant. */
export const secret = 'a secret for tests, thirty-two characters long';
export const connectionKey = 'cq_test_connection_key';
