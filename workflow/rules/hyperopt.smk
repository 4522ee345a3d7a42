# Hyperparameter optimisation: sample agents and environments, run them against each other, choose the best samples.
HYPEROPT_FOLDER = layout.benchmark_folder(HYPEROPT_ROOT, "hyperopt_{setting}")


rule sample_agents:
    output:
        layout.agent_config_file(HYPEROPT_FOLDER, "{agent}"),
    log:
        layout.job_log(HYPEROPT_ROOT, "sample_agents_{setting}_{agent}"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        agent=lambda w: STUDY.class_path(w.agent),
        n=lambda w: STUDY.n_samples(w.agent),
        seed=lambda w: STUDY.hyperopt.seed,
        spaces=spaces_option,
    shell:
        "python -m colosseum sample-agents {params.agent:q} --n {params.n} --seed {params.seed} {params.spaces}"
        " -o {output:q} 2> {log:q}"


rule sample_mdps:
    output:
        layout.mdp_config_file(HYPEROPT_FOLDER, "{mdp}"),
    log:
        layout.job_log(HYPEROPT_ROOT, "sample_mdps_{setting}_{mdp}"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        mdp=lambda w: STUDY.class_path(w.mdp),
        n=lambda w: STUDY.hyperopt.n_samples_mdps,
        seed=lambda w: STUDY.hyperopt.seed,
    shell:
        "python -m colosseum sample-mdps {params.mdp:q} --n {params.n} --seed {params.seed} -o {output:q} 2> {log:q}"


for _interactions in HYPEROPT.values():

    # The folder holds the sampled environments; this adds the settings of their interactions.
    rule:
        name:
            f"prepare_{_interactions.name}"
        input:
            mdp_configs(_interactions),
        output:
            layout.experiment_config_file(_interactions.folder),
        log:
            layout.job_log(HYPEROPT_ROOT, f"prepare_{_interactions.name}"),
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            folder=lambda w, output: os.path.dirname(output[0]),
            settings=experiment_options(_interactions),
            register=STUDY.registrations(*_interactions.mdp_classes),
        shell:
            "python -m colosseum benchmark {params.folder:q} -o {params.folder:q} {params.settings} {params.register}"
            " 2> {log:q}"


checkpoint select:
    input:
        lambda w: logs_of(HYPEROPT[f"hyperopt_{w.setting}"], w.agent)(w),
        agent=layout.agent_config_file(HYPEROPT_FOLDER, "{agent}"),
        settings=layout.experiment_config_file(HYPEROPT_FOLDER),
    output:
        gin=layout.selection_file(HYPEROPT_FOLDER, "{agent}"),
        table=layout.selection_table(HYPEROPT_FOLDER, "{agent}"),
        ranges=layout.selection_ranges(HYPEROPT_FOLDER, "{agent}"),
    log:
        layout.job_log(HYPEROPT_ROOT, "select_{setting}_{agent}"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        agent=lambda w: STUDY.class_path(w.agent),
        benchmark=lambda w, input: os.path.dirname(input.settings),
        indicator=STUDY.configuration["selection"]["indicator"],
        reduce_seeds=STUDY.configuration["selection"]["reduce_seeds"],
        cut="" if STUDY.configuration["selection"]["allow_cut"] else "--no-allow-cut",
        spaces=spaces_option,
        register=lambda w: STUDY.registrations(*HYPEROPT[f"hyperopt_{w.setting}"].mdp_classes),
    shell:
        "python -m colosseum select --benchmark {params.benchmark:q} --agent {params.agent:q}"
        " --indicator {params.indicator} --reduce-seeds {params.reduce_seeds} {params.cut} {params.register}"
        " {params.spaces} -o {output.gin:q} --table {output.table:q} --ranges {output.ranges:q} > {log:q} 2>&1"
