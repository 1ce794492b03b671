/* runtime/adapters/email/mime_internal.h - The functions that the readers of a mail share. Internal to the room. */
#pragma once

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* The address in the form in which addresses are compared; NULL: it is no address. Freed by g_free(). */
char *email_address_good(const char *address);
/* The Message-ID without < and >; NULL: it cannot be kept as one. */
char *email_message_id_good(const char *id);

/* Fills mail->report where the message is one. */
void report_read(struct mail *, GMimeMessage *);
/* Fills mail->robot; called after report_read(), whose result counts. */
void robot_read(struct mail *, GMimeMessage *, const struct mail_setting *);
