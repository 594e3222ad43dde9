# >>> conda initialize >>>
eval "$(conda hook)"
# <<< conda initialize <<<
