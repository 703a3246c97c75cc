# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_logitscope_global_optspecs
    string join \n logits= labels= kind= task= positive= ignore-index= class-names= label-offset= classes= part= step= rows= mask= shift id= group= weight= normalize= split= where= fit-where= test-where= bins= binning= folds= bootstrap= level= slice= no-mouse ascii theme= q/quiet seed= threads= memory= color= h/help V/version
end

function __fish_logitscope_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_logitscope_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_logitscope_using_subcommand
    set -l cmd (__fish_logitscope_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c logitscope -n "__fish_logitscope_needs_command" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_needs_command" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l bins -d 'Bins of the reliability diagram and of ECE' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l binning -d 'Bins of equal width or of equal mass in the diagram' -r -f -a "width\t'Equal width'
mass\t'Equal mass'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l folds -d 'Folds for the figures after scaling; 0 for in-sample figures' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l bootstrap -d 'Draws of the bootstrap; 0 for none [default: 1000 in a report, else 0]' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l level -d 'Level of intervals' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l slice -d 'Look at the rows of each value of this column apart, beside the classes (repeat it for others)' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l theme -d 'Palette' -r -f -a "ansi\t'The terminal\'s own sixteen colours'
dark\t'For a dark background'
light\t'For a light background'
mono\t'No colour'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_needs_command" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_needs_command" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_needs_command" -l no-mouse -d 'Leave the mouse to the terminal'
complete -c logitscope -n "__fish_logitscope_needs_command" -l ascii -d 'Draw with ASCII characters alone'
complete -c logitscope -n "__fish_logitscope_needs_command" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_needs_command" -s V -l version -d 'Print version'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "report" -d 'Print everything about a file, with its charts, or write it as JSON'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "fit" -d 'Fit the temperature; with --out write the deployment card'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "apply" -d 'Write calibrated probabilities (or scaled logits)'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "check" -d 'Fail if the calibration is worse than allowed: a gate for continuous integration'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "compare" -d 'Models side by side on the same labels, with paired intervals'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "inspect" -d 'Show how a file is understood, and why; of several which of them every command takes'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "doctor" -d 'Say what is wrong with the logits; several files or steps are a training run'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "summarize" -d 'Write the row summaries, which every command reads instead of the logits'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "completions" -d 'Print a script that completes commands and flags in a shell'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "config" -d 'Defaults of flags in a file of your own'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "man" -d 'Print the manual, to be read with: logitscope man | man -l -'
complete -c logitscope -n "__fish_logitscope_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l format -d 'Form of the report' -r -f -a "text\t'For people, with charts'
json\t'For programs, full precision'
csv\t'One figure a line'
markdown\t'Tables for a pull request or a model card'
html\t'One file with its charts, for a browser'
svg\t'A figure for a paper'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l out -d 'Write to PATH instead of stdout' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l chart -d 'What --format svg draws; all writes every chart into the folder --out [default: reliability]' -r -f -a "reliability\t'Accuracy over confidence, at T = 1 and after scaling'
temperature\t'NLL over the temperature'
margins\t'Top-two margins of right and wrong rows'
risk\t'Error rate over the share of rows kept'
classes\t'Accuracy less confidence of every predicted class'
all\t'Each of them, as a file of its own'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l size -d 'Width and height of --format svg in pixels, 96 to the inch, such as 640x480 [default: by chart]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l test -d 'Fit on FILE, judge on this one' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l slice -d 'Look at the rows of each value of this column apart (repeat it for others)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l parity -d 'Another library\'s figures beside ours, and why they differ' -r -f -a "torchmetrics\t'`torchmetrics.functional.calibration_error`'
netcal\t'`netcal.metrics`'
sklearn\t'`sklearn.metrics` and `sklearn.calibration`'
gpleiss\t'The ECE of `gpleiss/temperature_scaling`'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l explain -d 'Say what FIGURE is, what is good and what is bad, without reading a file; without FIGURE list all' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l bins -d 'Bins of the reliability diagram and of ECE' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l binning -d 'Bins of equal width or of equal mass in the diagram' -r -f -a "width\t'Equal width'
mass\t'Equal mass'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l folds -d 'Folds for the figures after scaling; 0 for in-sample figures' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l bootstrap -d 'Draws of the bootstrap; 0 for none [default: 1000 in a report, else 0]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l level -d 'Level of intervals' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l thresholds -d 'Thresholds of every class: of the largest F1, and to meet PRECISION [default: 0.9]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l ascii -d 'Draw with ASCII characters alone'
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -l compare-methods -d 'Compare other recalibrators with the temperature, on rows that they have not seen'
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l test -d 'Judge the temperature on this file' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l out -d 'Write the deployment card; - is standard output' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l bins -d 'Bins of the reliability diagram and of ECE' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l binning -d 'Bins of equal width or of equal mass in the diagram' -r -f -a "width\t'Equal width'
mass\t'Equal mass'"
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l folds -d 'Folds for the figures after scaling; 0 for in-sample figures' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l bootstrap -d 'Draws of the bootstrap; 0 for none [default: 1000 in a report, else 0]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l level -d 'Level of intervals' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l thresholds -d 'Thresholds of every class: of the largest F1, and to meet PRECISION [default: 0.9]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l despite-failures -d 'Write it, and end with status 0, in spite of a finding of severity failure'
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -l compare-methods -d 'Compare other recalibrators with the temperature, on rows that they have not seen'
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand fit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l temperature -d 'Divide by this temperature' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l card -d 'Divide by the temperature of this card' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l out -d 'File to write; its ending says the format. - is standard output, as CSV' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l as -d 'What to write' -r -f -a "probs\t'softmax(z / T)'
logits\t'z / T'"
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l despite-failures -d 'Write it in spite of logits that are broken, or of a card that was fitted on such'
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l max-ece -d 'Fail above this ECE (a share: 0.02 is 2 %)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l max-ece-equal-mass -d 'Fail above this ECE with bins of equal mass (a share)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l max-mce -d 'Fail above this gap of the worst bin (a share)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l max-nll -d 'Fail above this mean NLL in nats' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l max-brier -d 'Fail above this Brier score' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l min-accuracy -d 'Fail below this accuracy (a share)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l temperature-within -d 'Fail unless the fitted temperature lies within' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l temperature -d 'Judge the probabilities at this temperature [default: 1]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l card -d 'Judge them at the temperature of this card' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l ignore -d 'Do not fail for a finding of this rule, whose severity is failure (repeat it for others)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l format -d 'Form of the result' -r -f -a "text\t'For people'
json\t'For programs'
markdown\t'A table, for the summary of a job'
github\t'Annotations of GitHub Actions'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l out -d 'Write to PATH instead of stdout' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l bins -d 'Bins of the reliability diagram and of ECE' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l binning -d 'Bins of equal width or of equal mass in the diagram' -r -f -a "width\t'Equal width'
mass\t'Equal mass'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l folds -d 'Folds for the figures after scaling; 0 for in-sample figures' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l bootstrap -d 'Draws of the bootstrap; 0 for none [default: 1000 in a report, else 0]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l level -d 'Level of intervals' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l format -d 'Form of the comparison' -r -f -a "text\t'For people'
markdown\t'Two tables'
csv\t'One line a model, full precision'
json\t'Every model\'s report with its differences'
html\t'One file with the reliability diagrams, for a browser'
svg\t'A figure for a paper'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l out -d 'Write to PATH instead of stdout' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l chart -d 'What --format svg draws; all writes every chart into the folder --out [default: reliability]' -r -f -a "reliability\t'Accuracy over confidence, at T = 1 and after scaling'
temperature\t'NLL over the temperature'
margins\t'Top-two margins of right and wrong rows'
risk\t'Error rate over the share of rows kept'
classes\t'Accuracy less confidence of every predicted class'
all\t'Each of them, as a file of its own'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l size -d 'Width and height of --format svg in pixels, 96 to the inch, such as 640x480 [default: by chart]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l bins -d 'Bins of the reliability diagram and of ECE' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l binning -d 'Bins of equal width or of equal mass in the diagram' -r -f -a "width\t'Equal width'
mass\t'Equal mass'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l folds -d 'Folds for the figures after scaling; 0 for in-sample figures' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l bootstrap -d 'Draws of the bootstrap; 0 for none [default: 1000 in a report, else 0]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l level -d 'Level of intervals' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l format -d 'Form of the answer' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l format -d 'Form of the answer' -r -f -a "text\t'For people'
json\t'For programs'"
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l test -d 'Fit on FILE, judge on this one: findings on its rows, and on how the two differ; of a run the same step, or the last where this one holds no steps' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l slice -d 'Ask of the rows of each value of this column too whether they want another temperature (repeat it for others)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l explain -d 'Say what RULE measures and why, without reading a file; without RULE list all' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l test -d 'Rows to judge on, kept as the second part' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l out -d 'File to write (Parquet, whatever it is called); - is standard output' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l logits -d 'Column pattern (`logit_*`), list column, or array name' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l labels -d 'Column, array name, or a file of its own, which may be a pipe: <(command)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l kind -d 'What the scores are' -r -f -a "logits\t'Unnormalised scores'
log-probs\t'Logarithms of probabilities'
probs\t'Probabilities; rows that do not sum to 1 are brought to it'
sigmoid\t'One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)'"
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l task -d 'What the labels ask for' -r -f -a "multiclass\t'One class of many'
binary\t'One of two classes'
multilabel\t'Several labels a row, each there or not'"
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l positive -d 'Binary data: the label that counts as positive' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l ignore-index -d 'Label of rows to leave out [default: -100]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l class-names -d 'Text file with one class name a line, or a pipe: <(command)' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l label-offset -d 'Subtract N from every label (1 for labels that start at 1)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l classes -d 'Only the first N classes: the columns of scores beyond are padding' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l part -d 'One part of a file that holds several' -r -f -a "val\t'The validation rows alone'
test\t'The test rows alone'
all\t'All rows as one set'"
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l step -d 'One step of a series [default: the last]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l rows -d 'Only rows A to B, counted from 0, B left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l mask -d 'Column or array of 0 and 1: rows without a 1 are left out' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l id -d 'Column that names a row' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l group -d 'Column whose rows belong together: each group stays whole in one fold' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l weight -d 'Column of sample weights: how much each row counts' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l normalize -d 'Evaluation logs: what a log-likelihood is divided by [default: none]' -r -f -a "none\t'Log-likelihoods as they are'
chars\t'By the characters of each choice'
bytes\t'By the bytes of each choice'"
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l split -d 'Only rows with these values of a column (without values: the column that tells val from test)' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l where -d 'Only rows that meet a condition, such as \'lang = en & length < 20\'' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l fit-where -d 'Fit on the rows that meet this condition, judge on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l test-where -d 'Judge on the rows that meet this condition, fit on the others' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -l shift -d 'The scores at a token are about the next one (language models)'
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand summarize" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand completions" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand completions" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand completions" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand completions" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand completions" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -f -a "init" -d 'Write a configuration with every default, each commented out, and print where it is'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and not __fish_seen_subcommand_from init help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -l out -d 'Write to PATH instead of the place where it is read from' -r -F
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -l force -d 'Write over a file that is there'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a configuration with every default, each commented out, and print where it is'
complete -c logitscope -n "__fish_logitscope_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c logitscope -n "__fish_logitscope_using_subcommand man" -l seed -d 'Seed of folds and draws' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand man" -l threads -d 'Threads to compute with, 1024 at most [default: all cores]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand man" -l memory -d 'Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]' -r
complete -c logitscope -n "__fish_logitscope_using_subcommand man" -l color -d 'Colour in the terminal app and in text that is printed' -r -f -a "auto\t'Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set'
always\t'Always'
never\t'Never'"
complete -c logitscope -n "__fish_logitscope_using_subcommand man" -s q -l quiet -d 'Print no progress'
complete -c logitscope -n "__fish_logitscope_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "report" -d 'Print everything about a file, with its charts, or write it as JSON'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "fit" -d 'Fit the temperature; with --out write the deployment card'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "apply" -d 'Write calibrated probabilities (or scaled logits)'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "check" -d 'Fail if the calibration is worse than allowed: a gate for continuous integration'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "compare" -d 'Models side by side on the same labels, with paired intervals'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "inspect" -d 'Show how a file is understood, and why; of several which of them every command takes'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "doctor" -d 'Say what is wrong with the logits; several files or steps are a training run'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "summarize" -d 'Write the row summaries, which every command reads instead of the logits'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "completions" -d 'Print a script that completes commands and flags in a shell'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "config" -d 'Defaults of flags in a file of your own'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "man" -d 'Print the manual, to be read with: logitscope man | man -l -'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and not __fish_seen_subcommand_from report fit apply check compare inspect doctor summarize completions config man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c logitscope -n "__fish_logitscope_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write a configuration with every default, each commented out, and print where it is'
