"""A line for each command of the debugger, typed at a step of a small training."""

#: In an order in which each of them answers something. The script is tests/scripts/training.py.
LINES = """\
plan
plan --fast
needs
feeds --all
list
step 3
where
next
print y
print W --view heat
eval v('h').sum()
display loss
undisplay
until Square
finish
mark there
undo
mark here
back 2
reverse-next
reverse-finish
goto 6
reverse-until h
break @Sub
commands 1 vars
cond 1 t > 0
ignore 1 1
disable 1
enable 1
tbreak Square
watch %W
rwatch %W
awatch %W
catch nan
trace Square np.max(v)
breakpoints
delete
break @Sub
continue
reverse-continue
goto here
delete
vars
vars --slots
goto end
updates
why W
why V
why-not loss
flow loss W
nan
gradcheck loss W
hist W
diff
cost
who W
order
order --shuffle 2
path x W
path x loss
find MatMul
info h
node y
inputs train -r -d 3
outputs h -r
code
lr
lint
check
set Square = 0 * Square
unset Square
feed x = np.ones([2, 3])
unfeed x
feed x = np.ones([2, 3])
fork way
step 4
compare way
restart
run
goto end
commit
draw
draw why W
draw -o train.dot
film -o train.html
frames -o frames --every phase
handout --blank gradients -o handout.html
rollback
unfeed x
step 3
explain
feed x = np.ones([2, 3])
help
help step
alias s2 = step 2
source lines.txt
transcript said.txt
save breakpoints stops.txt
record run.gsr
export pytest test_it.py
""".splitlines()
