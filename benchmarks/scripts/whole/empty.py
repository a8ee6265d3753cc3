def default():
    pass
