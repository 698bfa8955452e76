const LIGHT = /dashboard\.webp$/;

/**
 * Shows the dashboard in dark colours where the site is dark. The style sheet hides the other picture,
 * and cuts the dark one, which is the whole page, to the size of the light one.
 */
export function darkPictures(markdown) {
  const { image } = markdown.renderer.rules;
  markdown.renderer.rules.image = (tokens, index, ...rest) => {
    const token = tokens[index];
    const source = token.attrGet('src');
    if (!LIGHT.test(source)) return image(tokens, index, ...rest);
    // What is hidden and lazy is not loaded.
    token.attrSet('loading', 'lazy');
    return ['light', 'dark']
      .map((scheme) => {
        const name = scheme === 'dark' ? 'dashboard-dark.webp' : 'dashboard.webp';
        token.attrSet('src', source.replace(LIGHT, name));
        token.attrSet('class', `${scheme}-picture`);
        return image(tokens, index, ...rest);
      })
      .join('');
  };
}
