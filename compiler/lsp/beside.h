/* compiler/lsp/beside.h - Finds a name of the site in the SQL files beside the site, which rename does not change.
 *
 * A directory.sql says who has a skill and which strategy a number has, as texts in quotes. */
#pragma once

/* Returns the places as text, "directory.sql:12, 20", malloc'ed; NULL: no file of the folder says the name. */
char *beside_places(const char *folder, const char *name);
struct source;
/* Returns the places in one file's text, as "FILE:12, 14"; NULL: the text does not have the name. */
char *beside_places_in(const char *file, const struct source *, const char *name);
