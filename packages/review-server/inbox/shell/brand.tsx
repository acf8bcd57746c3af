/** Logo and name. */
export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" className="brand-ground" />
        <circle cx="16" cy="16" r="8.5" className="brand-line" />
        <path d="M16 2v5.5M16 24.5V30" className="brand-line" />
        <circle cx="16" cy="16" r="3.2" className="brand-dot" />
      </svg>
      <span className="brand-name">Holdpoint</span>
    </span>
  );
}
