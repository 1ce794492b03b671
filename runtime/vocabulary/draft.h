/* runtime/vocabulary/draft.h - The user data with which a desk keeps an answer that an agent has begun, for whoever has
 * the interaction next. The core deletes them when an agent has answered, and when the interaction ends. */
#pragma once

#define DATA_DRAFT    "draft"
#define DATA_DRAFT_BY "draft_by" /* the agent who has begun it */
/* The two keys of a draft, as a list of texts in a message: each begins with its length. */
#define DATA_DRAFT_LIST "\005" DATA_DRAFT "\010" DATA_DRAFT_BY
