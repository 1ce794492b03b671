/* runtime/web/languages.h - The languages of pages: for each language a file LANGUAGE.json of rows "English text":
 * "translation", where the translation of a text with a count is an object of texts by plural, {"one": ..., "other":
 * ...}.
 *
 * A plugin has files of its own, and the site may have a folder of more. A row of the site's file replaces the row of
 * the plugin's file, and a file for another language adds this language. Rows of texts that no page of the plugin has
 * are left out. The folder is read once, at the start. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct language_file { /* a file that stands in the plugin; a row without a name ends an array of them */
    const char *name;  /* the language, a tag such as fr or pt-BR */
    const unsigned char *bytes;
    size_t length;
};

struct languages;

/* Reads the plugin's files and those of the folder. `folder` empty: there are no others. `usual` is the language of
 * people whose browser has none of these; empty: en. NULL with the reason: the folder cannot be read, a file of it is
 * no such file, or `usual` is no language of these. */
struct languages *languages_new(const struct language_file *built_in, const char *folder, const char *usual, char *why,
                                size_t why_size);
void languages_free(struct languages *); /* NULL is allowed */
/* Returns the file of this name, borrowed: LANGUAGE.json, or index.json: {"usual": LANGUAGE, "languages": [LANGUAGE,
 * ...]}. NULL: there is none. */
const char *languages_file(const struct languages *, const char *name);
/* Returns the language for people who wish `tag`, borrowed: the same one, the one of its first part (pt for pt-BR), or
 * the usual one. */
const char *languages_best(const struct languages *, const char *tag);
