/* runtime/adapters/email/body.h - The text and the parts of a parsed mail. Internal to the room. */
#pragma once

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* Reads the message's text and parts into `text`, `parts` and `cut` of the struct mail. */
void email_read_body(struct mail *, GMimeMessage *);
