/* runtime/core/steps/verify.h - Has the customer shown that the address is theirs? The step `contact.verify` asks. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

/* True: the site's token, or a code, has proved it. In other media than chats a network or a mail server has said where
 * the customer writes from. */
bool verify_is(struct core *, const struct interaction *);
/* Called after user data have changed: ends steps whose customer has typed the code, or other codes too often. */
void verify_heard(struct core *, const struct message *);
