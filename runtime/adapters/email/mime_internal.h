/* runtime/adapters/email/mime_internal.h - The functions that the readers of a mail share. Internal to the room. */
#pragma once

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* The address in its compared form; NULL: it is none. Freed by g_free(). */
char *email_address_good(const char *address);
/* A Message-ID without < and >; NULL: it is none that can be kept. */
char *email_message_id_good(const char *id);

/* Fills mail->report where the message is one. */
void report_read(struct mail *, GMimeMessage *);
/* Fills mail->robot; after report_read(). */
void robot_read(struct mail *, GMimeMessage *, const struct mail_setting *);
