// In the place of Sphinx's own, which makes a function of text: a Content-Security-Policy need not allow that.
Documentation.addTranslations = (catalog) => {
  const rules = new Intl.PluralRules(catalog.locale);
  Object.assign(Documentation.TRANSLATIONS, catalog.messages);
  Documentation.PLURAL_EXPR = (count) => (rules.select(count) === "one" ? 0 : 1);
  Documentation.LOCALE = catalog.locale;
};
