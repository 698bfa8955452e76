/**
 * Shows `…-dark.png` instead of `…-light.png` where the site is dark. The style sheet hides the other.
 */
export function darkPictures(markdown) {
  const { image } = markdown.renderer.rules;
  markdown.renderer.rules.image = (tokens, index, ...rest) => {
    const token = tokens[index];
    const source = token.attrGet('src');
    if (!source.endsWith('-light.png')) return image(tokens, index, ...rest);
    return ['light', 'dark']
      .map((scheme) => {
        token.attrSet('src', source.replace('-light.png', `-${scheme}.png`));
        token.attrSet('class', `${scheme}-picture`);
        return image(tokens, index, ...rest);
      })
      .join('');
  };
}
