/* runtime/adapters/email/form.h - Forms of web pages: what a customer writes there comes as an e-mail.
 *
 *     POST /form   multipart/form-data with name, address, subject, text, files: answered when the core has the mail
 *
 * A form becomes the bytes of a mail, and takes a mail's way from there (email_take). The same form once more is the
 * same mail on that day (UTC): its Message-ID is made of the day and of what stands in it, and it has no Date. Nothing
 * of a form is believed: its fields are checked, and each address of a browser may send a few a minute. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct email;
struct event_base;
struct form;
struct email_setting;

/* False with the reason: the settings of the door are no good. */
bool form_check(const struct email_setting *, char *why, size_t why_size);
/* Opens the door. NULL with the reason. */
struct form *form_new(struct email *, struct event_base *, char *why, size_t why_size);
void form_free(struct form *); /* NULL is allowed */
void form_tick(struct form *); /* each second */
