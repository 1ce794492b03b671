/* runtime/adapters/email/body.h - A parsed mail's text and parts. Internal to the room. */
#pragma once

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* Reads the message's text and parts into `text`, `parts` and `cut` of the mail. */
void email_read_body(struct mail *, GMimeMessage *);
