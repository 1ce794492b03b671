/* runtime/adapters/webhook/before.h - The files in which this plugin kept what came and what went, before the post
 * office had it. They are taken over once, and go. */
#pragma once

#include "runtime/post/way.h"

struct webhook;

void before_digest(const struct post_item *, char digest[POST_DIGEST]);
bool before_takes_over(struct webhook *, char *why, size_t why_size);
