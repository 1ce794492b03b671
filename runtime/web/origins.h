/* runtime/web/origins.h - Settings that are lists, and the list of web sites whose pages may connect. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns the words between the commas of a setting, with NULL at the end; the caller calls g_strfreev(). */
char **web_words_read(const char *setting);
bool web_words_have(char **words, const char *word);

/* Returns the words of the setting `origins`, each an origin in the form that browsers send. NULL with the reason,
 * which begins with `origins`. */
char **origins_read(const char *setting, char *why, size_t why_size);
