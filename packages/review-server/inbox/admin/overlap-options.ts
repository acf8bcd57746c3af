/** When the old key of a rotation ends, in seconds from now. */
export const overlapOptions = [
  { id: '0', text: 'Now' },
  { id: '3600', text: 'In 1 hour' },
  { id: '86400', text: 'In 1 day' },
  { id: '604800', text: 'In 1 week' },
];
