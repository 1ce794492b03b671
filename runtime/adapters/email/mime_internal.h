/* runtime/adapters/email/mime_internal.h - Functions that the files which read a mail share. Internal to the room. */
#pragma once

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* Returns the address in the form in which addresses are compared; NULL: it is not an address. Freed by g_free(). */
char *email_address_good(const char *address);
/* Returns the Message-ID without < and >; NULL: it is too long or not valid. */
char *email_message_id_good(const char *id);

/* Sets mail->report if the message is a report or receipt. */
void report_read(struct mail *, GMimeMessage *);
/* Sets mail->robot; called after report_read(), whose result it uses. */
void robot_read(struct mail *, GMimeMessage *, const struct mail_setting *);
