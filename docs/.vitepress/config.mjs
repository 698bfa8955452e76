// The manual as a site: `npm run docs` builds it, `npm run docs:dev` shows it while it is written.
// DOCS_BASE is the path that it is served under, such as /nestjs-track-usage/.
import { defineConfig } from 'vitepress';
import { anchorOf } from './anchors.mjs';
import { darkPictures } from './dark-pictures.mjs';
import { namedFences } from './named-fences.mjs';
import { navigation, sidebar } from './navigation.mjs';
import { writeMarkdownCopies } from './markdown-copies.mjs';
import { outsideLinks } from './outside-links.mjs';

export default defineConfig({
  title: 'nestjs-track-usage',
  description:
    'Who uses your NestJS API, which routes, how often, how fast, and with which client.',
  base: process.env.DOCS_BASE ?? '/',
  // No icon: browsers need not ask for one.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    anchor: { slugify: anchorOf },
    config(markdown) {
      namedFences(markdown);
      darkPictures(markdown);
      outsideLinks(markdown);
    },
  },
  buildEnd: writeMarkdownCopies,
  themeConfig: {
    nav: navigation,
    sidebar: sidebar(),
    outline: 'deep',
    search: {
      provider: 'local',
      // All words have to be there: "statement timeout" is not every page that has "timeout".
      options: { miniSearch: { searchOptions: { combineWith: 'AND', prefix: true } } },
    },
  },
});
