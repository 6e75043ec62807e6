"""What real modules were seen to do, each a file of tests_host/field: see support/field.py. Where
a document and a module disagree the driver lives with both."""

import field


def test_attach_answers_no_space():
    field.play("attach-answers-no-space")


def test_atwakeup_on_bc95_family():
    field.play("atwakeup-on-bc95-family")


def test_boot_bc95_neul_ok():
    field.play("boot-bc95-neul-ok")


def test_buff_full_loses_tcp_bytes():
    field.play("buff-full-loses-tcp-bytes")


def test_cereg_long_forms():
    field.play("cereg-long-forms")


def test_clock_local_with_zone_eg800k():
    field.play("clock-local-with-zone-eg800k")


def test_close_forgets_buffered():
    field.play("close-forgets-buffered")


def test_closed_data_remains():
    field.play("closed-data-remains")


def test_cpin_not_inserted_words():
    field.play("cpin-not-inserted-words")


def test_cpin_pin():
    field.play("cpin-pin")


def test_csq_99():
    field.play("csq-99")


def test_data_echo_default():
    field.play("data-echo-default")


def test_dns_addresses_joined():
    field.play("dns-addresses-joined")


def test_dns_ttl_zero_of_address():
    field.play("dns-ttl-zero-of-address")


def test_double_ok():
    field.play("double-ok")


def test_echo_on_no_leading_crlf():
    field.play("echo-on-no-leading-crlf")


def test_first_at_unheard_qigeterror_no_space():
    field.play("first-at-unheard-qigeterror-no-space")


def test_imei_cgsn_1_narrow_band():
    field.play("imei-cgsn-1-narrow-band")


def test_model_line_quectel_ltd():
    field.play("model-line-quectel-ltd")


def test_ntp_fails_xinyi():
    field.play("ntp-fails-xinyi")


def test_ntp_utc_with_zone_ec200u():
    field.play("ntp-utc-with-zone-ec200u")


def test_ntp_zone_one_digit():
    field.play("ntp-zone-one-digit")


def test_ntp_zone_zero_ec20():
    field.play("ntp-zone-zero-ec20")


def test_open_563_after_mcu_reset():
    field.play("open-563-after-mcu-reset")


def test_open_566_refused():
    field.play("open-566-refused")


def test_open_569_late():
    field.play("open-569-late")


def test_open_cme_error():
    field.play("open-cme-error")


def test_operator_with_comma():
    field.play("operator-with-comma")


def test_pdpdeact_after_ping():
    field.play("pdpdeact-after-ping")


def test_ping_569_alone():
    field.play("ping-569-alone")


def test_ping_lines_without_end():
    field.play("ping-lines-without-end")


def test_ping_summary_ok():
    field.play("ping-summary-ok")


def test_prompt_lost_then_event():
    field.play("prompt-lost-then-event")


def test_prompt_then_crlf_send_ok():
    field.play("prompt-then-crlf-send-ok")


def test_push_after_idle_urc_lost():
    field.play("push-after-idle-urc-lost")


def test_push_two_pieces():
    field.play("push-two-pieces")


def test_qiact_572_one_context():
    field.play("qiact-572-one-context")


def test_qiact_active_at_boot():
    field.play("qiact-active-at-boot")


def test_qiact_active_at_boot_with_apn():
    field.play("qiact-active-at-boot-with-apn")


def test_qird_cme_error():
    field.play("qird-cme-error")


def test_qistate_connected_says_3():
    field.play("qistate-connected-says-3")


def test_read_ok_without_line():
    field.play("read-ok-without-line")


def test_rearm_only_after_zero():
    field.play("rearm-only-after-zero")


def test_recv_behind_ok_same_burst():
    field.play("recv-behind-ok-same-burst")


def test_recv_late_nb_download():
    field.play("recv-late-nb-download")


def test_recv_silent_while_sending():
    field.play("recv-silent-while-sending")


def test_recv_then_read_bg96():
    field.play("recv-then-read-bg96")


def test_registration_takes_minutes_bg95():
    field.play("registration-takes-minutes-bg95")


def test_restart_bg96_powered_down():
    field.play("restart-bg96-powered-down")


def test_restart_neul_unheard():
    field.play("restart-neul-unheard")


def test_send_fail_then_ok():
    field.play("send-fail-then-ok")


def test_setting_unknown_to_firmware():
    field.play("setting-unknown-to-firmware")


def test_sim_lines_inside_identity():
    field.play("sim-lines-inside-identity")


def test_sleep_swallows_command():
    field.play("sleep-swallows-command")


def test_urc_before_prompt():
    field.play("urc-before-prompt")


def test_urcport_usb_no_results():
    field.play("urcport-usb-no-results")
