/* runtime/adapters/email/body.h - A parsed mail's text and parts. Internal to the room. */
#ifndef EMAIL_BODY_H
#define EMAIL_BODY_H

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* Fills text, parts, cut. */
void mail_read_body(struct mail *, GMimeMessage *);

#endif
