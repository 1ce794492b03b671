/* runtime/adapters/sip/ua/libre.h - The parts of libre that are used: messages, URIs, addresses, digests, encrypted
 * sound, and the buffers and texts that they need.
 *
 * The parts of libre that are included here have no socket, no timer and no loop. So libre 1.1, 3 and 4 can all be used
 * (tried with 1.1.0, 3.24.0 and 4.9.0), and no other file of ours includes libre's headers. These versions differ in
 * one point: a PRACK whose RAck cannot be read is answered with 481 with libre 1.1; libre 3 and 4 refuse the whole
 * message, and it gets no answer. */
#pragma once

#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include <re_list.h>
#include <re_sa.h>
#include <re_uri.h>
#include <re_hash.h>
#include <re_md5.h>
#include <re_msg.h>
#include <re_sip.h>
#include <re_httpauth.h>
#include <re_srtp.h>
