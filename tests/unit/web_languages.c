/* tests/unit/web_languages.c - The languages of pages: the plugin's files, the site's, and what is refused. */
#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "runtime/web/languages.h"

#define FILE_OF(name, text)                                                                                            \
    {                                                                                                                  \
        name, (const unsigned char *)(text), sizeof(text) - 1                                                          \
    }
static const struct language_file built_in[] = {
    FILE_OF("en", "{\"{count} wait\": {\"one\": \"One waits\", \"other\": \"{count} wait\"}}"),
    FILE_OF("fr", "{\"Send\": \"Envoyer\", \"To {name}\": \"À {name}\", \"{count} wait\": \"{count} attendent\"}"),
    {0}};
static char folder[] = "/tmp/gcx-languages-XXXXXX", why[300];

static void folder_begin(void)
{
    cr_assert(g_mkdtemp(folder));
}

static void folder_end(void)
{
    GDir *open = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(open));) {
        char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
        g_free(path);
    }
    g_dir_close(open);
    g_rmdir(folder);
}

static struct languages *with(const char *name, const char *text, const char *usual)
{
    char *path = g_build_filename(folder, name, NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    g_free(path);
    return languages_new(built_in, folder, usual, why, sizeof why);
}

static void refused(const char *name, const char *text, const char *reason)
{
    cr_assert_null(with(name, text, ""), "%s is taken", text);
    cr_assert(strstr(why, reason), "%s: %s", text, why);
    char *path = g_build_filename(folder, name, NULL);
    g_remove(path);
    g_free(path);
}

TestSuite(web_languages, .init = folder_begin, .fini = folder_end);

Test(web_languages, the_site_adds_a_language_and_changes_a_text)
{
    char *path = g_build_filename(folder, "pt-BR.json", NULL);
    cr_assert(g_file_set_contents(path, "{\"Send\": \"Enviar\", \"Nobody says it\": \"x\"}", -1, NULL));
    g_free(path);
    struct languages *all = with("fr.json", "{\"Send\": \"Expédier\"}", "fr");
    cr_assert(all, "%s", why);
    cr_assert_str_eq(languages_file(all, "pt-BR.json"), "{\"Send\":\"Enviar\"}"); /* no page says the other text */
    cr_assert(strstr(languages_file(all, "fr.json"), "\"Send\":\"Expédier\""));
    cr_assert(strstr(languages_file(all, "fr.json"), "À {name}"));
    cr_assert(strstr(languages_file(all, "index.json"), "\"usual\":\"fr\""));
    cr_assert_null(languages_file(all, "de.json"));
    cr_assert_str_eq(languages_best(all, "pt-br"), "pt-BR");
    cr_assert_str_eq(languages_best(all, "en-GB"), "en");
    cr_assert_str_eq(languages_best(all, "pt"), "fr"); /* of Portugal is not of Brazil: the usual one */
    cr_assert_str_eq(languages_best(all, ""), "fr");
    languages_free(all);
}

Test(web_languages, what_is_wrong_names_the_file_and_the_line)
{
    refused("de.json", "{\n\"Send\": \"Senden\",\n\"To {name}\": \"An {nmae}\"\n}",
            "de.json:3: the translation has the place {nmae}");
    refused("de.json", "{\n\"Send\": \"Senden {\"\n}", "de.json:2: the translation has the place {");
    refused("de.json", "{\n\"Send\": 1\n}", "de.json:2: the translation is a text");
    refused("de.json", "{\n\"{count} wait\": {\"one\": \"x\"}\n}", "de.json:2: the translation is a text");
    refused("de.json", "{\n\"{count} wait\": {\"other\": \"x\", \"some\": \"y\"}\n}", "de.json:2: `some` is none of");
    refused("de.json", "{\n\"{count} wait\": {\"other\": {\"other\": \"x\"}}\n}",
            "de.json:2: the translation is a text");
    refused("de.json", "{\n\"Send\": \"a\",\n\"Send\": \"b\"\n}", "de.json:3: ");
    refused("de.json", "[]", "de.json:1: the file is no object");
    refused("de.json", "", "de.json:1: ");
}

Test(web_languages, a_name_that_is_no_language_is_refused)
{
    refused("german_de.json", "{}", "is no language");
    refused("index.json", "{}", "is no language");
    refused("-de.json", "{}", "is no language");
    refused("de-.json", "{}", "is no language");
    refused("1de.json", "{}", "is no language");
    refused("ninechars.json", "{}", "is no language");
    refused("en-aaaaaaaa-bbbbbbbb-cccccccc-ddddddd.json", "{}", "is no language");
    cr_assert_null(languages_new(built_in, "/nowhere/at/all", "", why, sizeof why));
    cr_assert(strstr(why, "languages: /nowhere/at/all: "), "%s", why);
    cr_assert_null(languages_new(built_in, "", "pt", why, sizeof why));
    cr_assert(strstr(why, "language: `pt` is no language"), "%s", why);
}
