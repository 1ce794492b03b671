/* runtime/adapters/email/body.h - A parsed mail's text and parts. Internal to the room. */
#pragma once

#include <gmime/gmime.h>

#include "runtime/adapters/email/mime.h"

/* Fills text, parts, cut. */
void email_read_body(struct mail *, GMimeMessage *);
