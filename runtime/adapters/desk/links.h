/* runtime/adapters/desk/links.h - Links into other programs of the site, beside an interaction: the setting `links`. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads TITLE=https://HOST/PATH?id={key}, and more of them with commas between: a new array of {title, url}. NULL with
 * the reason. A key stands behind the host alone, so that no user data says where a link leads. */
json_t *desk_links_read(const char *setting, char *why, size_t why_size);
