# On an emulated Pico: each line that it reads names a program of this folder, a scenario of it
# and its arguments. Used by pico_boards.py.

import gc
import sys


def play(program, scenario, *args):
    try:
        module = __import__(program)
        getattr(module, scenario)(*[int(arg) if arg.isdigit() else arg for arg in args])
        print("done")
    except Exception as e:
        sys.print_exception(e)
    sys.modules.pop(program, None)


while True:
    gc.collect()
    print("ready")
    play(*sys.stdin.readline().split())
