/* runtime/adapters/desk/links.h - Links into other programs of the site, and frames that show them, beside an
 * interaction: the settings `links` and `frames`.
 *
 *     Orders=https://shop.example/orders?id={order}
 *     Customer [email chat vq:service]=https://crm.example/customers?id={customer_id}
 *
 * In the brackets stand media and virtual queues of the interactions beside which it is; without them, all. The page
 * puts in the values, each escaped: a value that is secret does not come to the page, and the link is then left out. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads both settings: a new array of {title, url, media, vqs, frame}, as openapi.json has it. NULL with the reason. A
 * key stands behind the host alone, so that no user data says where a link leads. */
json_t *desk_links_read(const char *links, const char *frames, char *why, size_t why_size);
/* Returns the policy with the hosts of the frames added to those whose pages may be shown in one; g_free. */
char *desk_links_policy(const json_t *links, const char *policy);
