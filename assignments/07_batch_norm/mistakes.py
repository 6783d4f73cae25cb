from autograder.course.answers import edit, variant, wrong

edit("batchnorm_forward", "np.sqrt(var + eps)", "(np.sqrt(var) + eps)", mistake="eps_outside_root")
