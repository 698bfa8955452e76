/** The page's icon, which browsers ask for. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="#2a5bd7">' +
  '<rect x="2" y="11" width="4" height="7" rx="1"/><rect x="8" y="6" width="4" height="12" rx="1"/>' +
  '<rect x="14" y="2" width="4" height="16" rx="1"/></svg>';
