"""QICSGP with its seventh parameter, QIACTEX, QIDEACTEX (2.3.2, 2.3.5, 2.3.6)."""

from ...args import Refused
from ...context import ACTIVATE_FAILED, Context, Contexts
from ...engine import EXECUTE, LATER, READ, TEST

BUSY, NOT_CONFIGURED = 568, 573


class Context5G(Context):
    def __init__(self):
        super().__init__()
        self.configured = False
        self.extra = ""  # the text that only the examples of QICSGP have, before authentication


class Contexts5G(Contexts):
    CONTEXT = Context5G
    CONTEXTS_SAVED = False  # 2.3.2
    SETTING_COUNTS = (3, 6, 7)  # user name, password and authentication come together
    ALREADY_ACTIVE = 572  # Table 2 has no code of its own for it
    DETACH_TIME = 0.1  # s of QIDEACTEX
    ADDRESS6 = "2001:db8:1111:2222:3333:4444:5555:{}"

    def _start(self):
        super()._start()
        self.changing = set()  # contextIDs that QIACTEX or QIDEACTEX is at work on

    def activate_by_itself(self):
        super().activate_by_itself()
        self.contexts[1].configured = True

    # --- QICSGP ----------------------------------------------------------------------------

    def context_settings(self, context):
        return '{},"{}","{}","{}","{}",{}'.format(
            context.type, context.apn, context.user, context.password, context.extra,
            context.authentication)  # fmt: skip

    def _set_context(self, number, context, args):
        kind = args.integer(1, 1, 3, context.type)
        apn = args.string(2, self.TEXT_LIMIT)
        user = args.string(3, self.TEXT_LIMIT, context.user)
        password = args.string(4, self.TEXT_LIMIT, context.password)
        extra = context.extra
        if len(args) == 7:
            extra = args.string(5, self.TEXT_LIMIT, extra)
        last = max(5, len(args) - 1)
        authentication = args.integer(last, 0, 3, context.authentication)
        context.type, context.apn = kind, apn
        context.user, context.password, context.extra = user, password, extra
        context.authentication = authentication
        context.configured = True

    # --- QIACTEX, QIDEACTEX ----------------------------------------------------------------

    def may_activate(self, number):
        self.may_deactivate(number)
        super().may_activate(number)
        if not self.contexts[number].configured:
            raise Refused(NOT_CONFIGURED)  # 2.3.3, 2.3.5: by QICSGP, before

    def may_deactivate(self, number):
        if number in self.changing:
            raise Refused(BUSY)

    def ip_qiactex(self, form, args):
        if form == TEST:
            return self.info("+QIACTEX: (1-{}),(0,1)".format(self.CONTEXT_IDS))
        if form == READ:
            return self.show_active("QIACTEX")
        if form == EXECUTE:
            raise Refused
        args.expect(1, 2)
        number = self.context_number(args)
        view = args.integer(1, 0, 1, 0)
        self.may_activate(number)
        return self._change(number, self.ATTACH_TIME, lambda: self._attached(number, view))

    def _change(self, number, time, done):
        """Answers OK, and reports `time` later."""
        self.changing.add(number)
        self.final()
        self.after(time, done)
        return LATER

    def _attached(self, number, view):
        self.changing.discard(number)
        room = len(self.active) < self.ACTIVE_LIMIT
        code = 0 if room and self.granted(number) else ACTIVATE_FAILED
        if not code:
            self.active[number] = "active"
        shown = "," + self.context_fields(number) if view and not code else ""
        self.last_result = code
        self.urc("+QIACTEX: {},{}{}".format(number, code, shown))

    def ip_qideactex(self, form, args):
        if form == TEST:
            return self.info("+QIDEACTEX: (1-{})".format(self.CONTEXT_IDS))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(1, 1)
        number = self.context_number(args)
        self.may_deactivate(number)
        return self._change(number, self.DETACH_TIME, lambda: self._detached(number))

    def _detached(self, number):
        self.changing.discard(number)
        self.deactivate(number)
        self.last_result = 0
        self.urc("+QIDEACTEX: {},0".format(number))
