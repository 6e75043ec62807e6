# Module result codes to OSError.
#
# The codes and what they mean: the summaries of result codes of the documents, which are the same
# but for a few words. A dialect that gives a code another meaning says so in its own table.

import errno


def number_of(name, usual):
    """The errno of that name; `usual`, the number that ports use, where MicroPython's errno lacks
    it."""
    return getattr(errno, name, usual)


EISCONN = number_of("EISCONN", 106)
ENETUNREACH = number_of("ENETUNREACH", 101)
EBUSY = number_of("EBUSY", 16)
ECANCELED = number_of("ECANCELED", 125)
EPIPE = number_of("EPIPE", 32)

# The errno of each result code from 550 on, in order.
_ERRNO = (
    errno.EIO,  # 550 unknown error
    errno.EACCES,  # 551 operation blocked
    errno.EINVAL,  # 552 invalid parameters
    errno.ENOMEM,  # 553 memory
    errno.ENOBUFS,  # 554 create socket failed
    errno.EOPNOTSUPP,  # 555 operation not supported
    errno.EADDRINUSE,  # 556 bind failed
    errno.EADDRINUSE,  # 557 listen failed
    errno.EIO,  # 558 write failed
    errno.EIO,  # 559 read failed
    errno.ECONNABORTED,  # 560 accept failed
    ENETUNREACH,  # 561 context not activated
    errno.EIO,  # 562 context not deactivated
    errno.EADDRINUSE,  # 563 socket identity in use
    EBUSY,  # 564 DNS busy
    errno.EHOSTUNREACH,  # 565 DNS failed
    errno.ECONNREFUSED,  # 566 connect failed
    errno.ECONNRESET,  # 567 connection reset or closed
    EBUSY,  # 568 operation busy
    errno.ETIMEDOUT,  # 569 operation timeout
    ENETUNREACH,  # 570 context deactivated
    errno.ECONNABORTED,  # 571 send cancelled
    errno.EACCES,  # 572 operation not allowed
    ENETUNREACH,  # 573 access point name not configured
    EBUSY,  # 574 port busy
)


# Results that a module gives that has restarted, or lost its context, without saying so.
LOST_CODES = (561, 570, 572)


class Error(OSError):
    """What a module or its line reported, as an OSError.

    `args[0]` is a standard errno, `args[1]` words, then host and port where it is about them;
    `code` the module's own result code (550 to 574), or its +CME ERROR number, or None where the
    module gave none.
    """

    code = None

    def __init__(self, number, text="", code=None, *place):
        super().__init__(number, text)
        self.code = code
        if place:  # CPython's OSError takes them for the names of files
            self.args = (number, text) + place


def of_code(code, text, changes=None):
    """The Error for result `code` of a module; `changes` maps codes that a dialect means
    differently to their errno."""
    number = errno.EIO
    if changes and code in changes:
        number = changes[code]
    elif code is not None and 550 <= code < 550 + len(_ERRNO):
        number = _ERRNO[code - 550]
    return Error(number, text, code)


def not_supported(model, feature):
    """The Error for a feature that the model's document does not have."""
    return Error(errno.EOPNOTSUPP, model + " has no " + feature)
